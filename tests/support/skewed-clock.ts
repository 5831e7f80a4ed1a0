/** Loaded before the program of a router whose machine has another time than the others: `startMiroir({ clockAheadMs })`. */
const aheadMs = Number(process.env["TEST_CLOCK_AHEAD_MS"]);
const real = Date.now.bind(Date);
Date.now = () => real() + aheadMs;

export {};
