import { describe, expect, test } from "vitest";
import { attempts, cse, instance, known, ours } from "../build.ts";
import { plan, words } from "../planned.ts";

describe("an instance that is not upgraded now", () => {
  test("says which nodes a hold is about, and how many instances are in each state", () => {
    const failed = ["0", "1"].map((id) =>
      instance(id, { extensions: [cse(), ours({ state: "failed", message: "1603" })] }),
    );
    const instances = Object.assign({}, ...["0", "1"].map((id) => known(id, { attempts: attempts() })));
    const set = { instances: [...failed, instance("2", { extensions: [cse()] })] };
    const held = plan({ set, known: { instances } });
    expect(words(held)).toBe("held package-held");
    expect(held.verdicts[0]).toMatchObject({
      message: "the package failed on akswin1000000, akswin1000001 (instances: 2 failed, 1 outdated)",
      names: { nodes: ["akswin1000000", "akswin1000001"] },
    });
    expect(held.verdicts[3]).toMatchObject({ state: "outdated", reason: "package-held" });
  });

  test("tells an instance its place in the queue", () => {
    const set = { instances: Array.from({ length: 24 }, (_, id) => instance(String(id), { extensions: [cse()] })) };
    const { verdicts } = plan({ set });
    const queued = verdicts.filter(({ reason }) => reason === "queued").map(({ message }) => message);
    expect(queued).toHaveLength(23);
    expect([0, 1, 2, 3, 10, 20, 22].map((place) => queued[place])).toEqual([
      "1st of 23",
      "2nd of 23",
      "3rd of 23",
      "4th of 23",
      "11th of 23",
      "21st of 23",
      "23rd of 23",
    ]);
  });
});
