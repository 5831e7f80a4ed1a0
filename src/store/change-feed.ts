/**
 * Tells a router that another has changed what it keeps in memory, and whether the others have taken in what it has
 * changed itself. A store of one router never has anything to tell.
 */
export interface StoreVersions {
  /** Each rises with every change of what it is named after. */
  readonly catalog: number;
  readonly hints: number;
  /** API keys, which the nodes keep and routers remember. */
  readonly keys: number;
  readonly topology: number;
}

export type Versioned = keyof StoreVersions;

export interface ChangeFeed {
  /** False: no other router can use this store. */
  readonly shared: boolean;
  versions(): Promise<StoreVersions>;
  /** Says that something has changed that the store itself does not keep. */
  raise(name: Versioned): Promise<void>;
  /** Called soon after a change and after the connection was lost; now and then without a reason. Not to be relied on alone. */
  onChange(listener: () => void): void;
  /** This run has taken in everything up to these versions. */
  observe(run: string, versions: StoreVersions): Promise<void>;
  /** Names of the living routers, other than that of this run, that have not taken in this version yet. */
  behind(run: string, name: Versioned, version: number): Promise<readonly string[]>;
}

/** For a store that only this process writes to. */
export const quietFeed: ChangeFeed = {
  shared: false,
  versions: async () => ({ catalog: 0, hints: 0, keys: 0, topology: 0 }),
  raise: async () => {},
  onChange: () => {},
  observe: async () => {},
  behind: async () => [],
};
