import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // One host and one clock per process: a test file is a process of its own.
    pool: "forks",
    // As many files at the same time as the machine has cores; the default leaves one of two idle.
    maxWorkers: "100%",
    testTimeout: 180_000,
    hookTimeout: 120_000,
    reporters: ["default", "./test/plain-summary-reporter.ts"],
  },
});
