import { describe, expect, test } from "vitest";
import { clock, due, relative, relativeTime, utc } from "../../../shared/report/page/times.ts";
import { ago, AT } from "./build-status.ts";

const HOUR = 60;
const DAY = 24 * HOUR;

const time = (text: string) => `<time datetime="2026-11-22T11:48:00Z" title="2026-11-22 11:48:00 UTC">${text}</time>`;

describe("relativeTime", () => {
  test.each([
    { minutes: 0, text: "now" },
    { minutes: 0.9, text: "now" },
    { minutes: 1, text: "1 min ago" },
    { minutes: 59.9, text: "59 min ago" },
    { minutes: HOUR, text: "1 h ago" },
    { minutes: HOUR + 50, text: "1 h 50 min ago" },
    { minutes: 10 * HOUR + 50, text: "10 h ago" },
    { minutes: 3 * DAY + 5 * HOUR, text: "3 d 5 h ago" },
    { minutes: 400 * DAY, text: "400 d ago" },
    { minutes: -38, text: "in 38 min" },
    { minutes: -25 * HOUR, text: "in 1 d 1 h" },
  ])("$minutes minutes: $text", ({ minutes, text }) => {
    expect(relativeTime(ago(minutes), AT)).toBe(text);
  });
});

describe("elements", () => {
  test("every time has the full time in UTC", () => {
    expect(relative(ago(12), AT).toString()).toBe(time("12 min ago"));
    expect(clock(ago(12), AT).toString()).toBe(time("11:48"));
    expect(utc(ago(12)).toString()).toBe(time("2026-11-22 11:48:00 UTC"));
  });

  test("the time of another day has its date", () => {
    expect(clock("2026-11-05T23:59:59.999Z", AT).toString()).toContain(">5 Nov 23:59<");
  });

  test("a try is due now if its time has passed", () => {
    expect(due(ago(5), AT).toString()).toContain(">now<");
    expect(due(ago(-5), AT).toString()).toContain(">in 5 min<");
  });
});
