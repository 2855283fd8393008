// Hearing of changes: the gateway's numbered log of events, as a stream. Read with fetch and not with EventSource,
// which cannot show a key.

import { eventStream, events } from "./api.js";
import { pause } from "./page.js";
import { may } from "./rights.js";

const AGAIN_MILLISECONDS = 1000;
const LONGEST_WAIT_MILLISECONDS = 15_000;

/**
 * Call `changed` now, after each event that follows, and after each time that events may have been missed; from time to
 * time where the caller may read no events.
 */
export async function follow(changed) {
  for (let wait = AGAIN_MILLISECONDS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MILLISECONDS)) {
    try {
      if (await may("events.read")) await hear(changed, () => { wait = AGAIN_MILLISECONDS; });
      else changed();
    } catch {
      changed(); // it finds out, and says, what is wrong
    }
    await pause(wait);
  }
}

/** Until the stream ends; `heard` is called before `changed` for each event. */
async function hear(changed, heard) {
  const last = await lastNumber();
  changed();
  for await (const _number of numbers(await eventStream(last))) {
    heard();
    changed();
  }
}

/** The number of the newest event, 0 where there is none: doubled until nothing lies above, then halved. */
async function lastNumber() {
  let [low, high] = [0, 1];
  if (!(await anyAbove(0))) return 0;
  while (await anyAbove(high)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await anyAbove(middle)) low = middle;
    else high = middle;
  }
  return high;
}

const anyAbove = async (number) => (await events(number, 1)).length > 0;

/** The numbers of a stream's events, as they come (WHATWG HTML 9.2.6: an event ends with an empty line). */
async function* numbers(stream) {
  let rest = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const frames = (rest + part.value).split("\n\n");
    rest = frames.pop();
    for (const frame of frames) {
      const number = /^id: ?(\d+)$/m.exec(frame);
      if (number) yield Number(number[1]);
    }
  }
}
