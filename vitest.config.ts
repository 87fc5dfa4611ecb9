import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // One host and one clock per process: a test file is a process of its own.
    pool: "forks",
    testTimeout: 180_000,
    hookTimeout: 120_000,
    reporters: ["default", "./test/plain-summary-reporter.ts"],
  },
});
