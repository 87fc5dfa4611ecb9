import { tell } from "./command.ts";

const STALL_SECONDS = 30;

/**
 * Returns what `work` returns, and says every 30 s that it makes no progress. `work` calls `alive` whenever it does.
 */
export async function reportStalls<T>(what: string, work: (alive: () => void) => Promise<T>, say = tell): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearInterval(timer);
    let seconds = 0;
    timer = setInterval(() => {
      seconds += STALL_SECONDS;
      say(`${what}: no progress for ${seconds} s; Ctrl-C ends it`);
    }, 1000 * STALL_SECONDS);
  };
  alive();
  try {
    return await work(alive);
  } finally {
    clearInterval(timer);
  }
}
