/** How long the search goes on: 1 for `npm test`, 3 for `npm run verify`, more for `npm run verify:long`. */
export const effort = Number(process.env.POSTERN_EFFORT ?? 1);

/** Rounds of the tests that race many processes: enough for each run; `npm run verify:long` asks for more. */
export const raceRounds = Number(process.env.POSTERN_RACE_ROUNDS ?? 3);
