/** Who the fleet is: keys, shards, replicas, nodes. */
import { entry, key, list, required, section, filled, text, wholeNumber } from "../key.ts";

const node = entry(
  {
    id: required(filled("a name such as node-0"), {
      doc: "Name of the node. Placement is computed from it, so it is never given to another node, not even after this one is gone.",
    }),
    address: required(filled("an address such as http://10.0.0.11:7700"), {
      doc: "Base URL of the node.",
      reloadable: true,
    }),
    replica_group: key(wholeNumber(0, 63), 0, { doc: "The replica group that the node belongs to, counted from 0." }),
  },
  'a node such as {id: node-0, address: "http://10.0.0.11:7700", replica_group: 0}',
);

export const fleetKeys = {
  master_key: key(text(), "", {
    doc: "The master key that clients use, as on a single Meilisearch. Empty means open mode: everybody may do everything, and the router warns at start.",
    secret: true,
    reloadable: true,
    environment: "MIROIR_MASTER_KEY",
  }),
  node_master_key: key(text(), "", {
    doc: "The master key of the nodes; the router uses it for everything it sends to them. All nodes have the same one.",
    secret: true,
    reloadable: true,
    environment: "MIROIR_NODE_MASTER_KEY",
  }),
  shards: key(wholeNumber(1, 65536), 64, {
    doc: "Number of shards of an index created from now on; an index keeps its number until it is resharded. A good value is eight times the most nodes that a group will ever have.",
    flag: "shards",
  }),
  replication_factor: key(wholeNumber(1, 16), 1, {
    doc: "Copies of every shard inside each replica group. With 2, one node of a group may be lost without losing an answer.",
    flag: "replication-factor",
  }),
  replica_groups: key(wholeNumber(1, 64), 1, {
    doc: "Number of replica groups. Every group holds all shards; searches are spread over the groups.",
    flag: "replica-groups",
  }),
  nodes: key(list(node, 'a list of nodes such as [{id: node-0, address: "http://10.0.0.11:7700"}]'), [], {
    doc: "The Meilisearch nodes.",
    reloadable: true,
  }),
  router: section(
    { doc: "This router among others." },
    {
      id: key(text(), "", {
        doc: "Name of this router, the same after a restart and different from every other's. Empty: host name and port. Several routers on one fleet need the Redis store.",
      }),
    },
  ),
};
