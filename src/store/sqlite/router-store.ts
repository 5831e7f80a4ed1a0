/** `RouterStore` on the table `routers`. There is one router; a second row that lives tells of a shared file. */
import type { Database } from "bun:sqlite";
import type { Router, RouterStore } from "../router-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly name: string;
  readonly run: string;
  readonly number: number;
  readonly version: string;
  readonly epoch: number;
  readonly started_at: number;
  readonly expires_at: number;
}

export function sqliteRouterStore({ nowMs, read, writeVital: write }: Connection): RouterStore {
  const put = (database: Database, router: Router, number: number, ttlMs: number): void => {
    database
      .query(
        `INSERT OR REPLACE INTO routers (name, run, number, version, epoch, started_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(router.name, router.run, number, router.version, router.epoch, router.startedAt, nowMs() + ttlMs);
  };
  const join = (database: Database, router: Router, ttlMs: number): number => {
    database.query("DELETE FROM routers WHERE expires_at <= ? AND name <> ?").run(nowMs(), router.name);
    const others = database.query<Row, [string]>("SELECT * FROM routers WHERE name <> ?").all(router.name);
    const number = freeNumber(new Set(others.map((row) => row.number)));
    put(database, router, number, ttlMs);
    return number;
  };
  return {
    join: (router, ttlMs) => write((database) => join(database, router, ttlMs)),
    beat: (router, ttlMs) =>
      write((database) => {
        const row = database.query<Row, [string]>("SELECT * FROM routers WHERE name = ?").get(router.name);
        if (row !== null && row.run !== router.run) return undefined;
        const wasGone = row === null || row.expires_at <= nowMs();
        if (wasGone) return { number: join(database, router, ttlMs), wasGone };
        put(database, router, row.number, ttlMs);
        return { number: row.number, wasGone };
      }),
    living: () =>
      read((database) =>
        database
          .query<Row, [number]>("SELECT * FROM routers WHERE expires_at > ? ORDER BY name")
          .all(nowMs())
          .map(({ name, run, version, epoch, started_at }) => ({ name, run, version, epoch, startedAt: started_at })),
      ),
    leave: ({ name, run }) =>
      write((database) => void database.query("DELETE FROM routers WHERE name = ? AND run = ?").run(name, run)),
  };
}

function freeNumber(used: ReadonlySet<number>): number {
  let number = 0;
  while (used.has(number) && number < NUMBER_MAX) number += 1;
  return number;
}

const NUMBER_MAX = 255;
