/** Rounds of the tests that race many processes: enough for each run; `npm run verify:long` asks for more. */
export const raceRounds = Number(process.env.POSTERN_RACE_ROUNDS ?? 3);
