/** What listens: client listener, admin endpoints, metrics listener, log. */
import { parseIpNetwork } from "../../core/network/ip-address.ts";
import { checkedText, choice, key, list, onOff, section, filled, text, wholeNumber } from "../key.ts";

const network = checkedText(
  (written) => written === "any" || parseIpNetwork(written) !== undefined,
  "a network such as 10.0.0.0/8, an address, or any",
);

export const surfaceKeys = {
  admin: section(
    { doc: "The endpoints under `/_miroir/`." },
    {
      enabled: key(onOff(), true, { doc: "Serve the endpoints under `/_miroir/`; `/_miroir/ready` is always served." }),
      api_key: key(text(), "", {
        doc: "The key that opens `/_miroir/` and nothing else. Empty: those endpoints refuse everybody.",
        secret: true,
        reloadable: true,
        environment: "MIROIR_ADMIN_API_KEY",
      }),
    },
  ),
  server: section(
    { doc: "The listener for clients." },
    {
      port: key(wholeNumber(0, 65535), 7700, { doc: "TCP port for clients.", flag: "port" }),
      bind: key(filled("an address such as 0.0.0.0"), "0.0.0.0", {
        doc: "Address to listen on. `::` listens on IPv6 as well.",
        flag: "bind",
      }),
      max_body_bytes: key(wholeNumber(1024, 2147483647), 104857600, {
        doc: "Largest request body; above it the answer is 413 `payload_too_large`. Give the nodes at least the same limit.",
        reloadable: true,
      }),
      max_concurrent_requests: key(wholeNumber(1, 65535), 500, {
        doc: "Requests worked on at once; beyond it the answer is 503 with `Retry-After`.",
        reloadable: true,
      }),
      request_timeout_ms: key(wholeNumber(100, 3600000), 30000, {
        doc: "A request that takes longer is ended with 504.",
        reloadable: true,
      }),
      tls: section(
        { doc: "TLS for the client listener; off while both are empty." },
        {
          cert: key(text("a path"), "", { doc: "Path of the certificate chain (PEM)." }),
          key: key(text("a path"), "", { doc: "Path of the private key (PEM)." }),
        },
      ),
    },
  ),
  metrics: section(
    { doc: "The listener for Prometheus. It asks for no credential and serves `GET /metrics` and nothing else." },
    {
      enabled: key(onOff(), true, { doc: "Listen for scrapes." }),
      port: key(wholeNumber(1, 65535), 9090, { doc: "TCP port for scrapes.", flag: "metrics-port" }),
      bind: key(filled("an address such as 127.0.0.1"), "127.0.0.1", {
        doc: "Address to listen on. Keep it away from the public network.",
        flag: "metrics-bind",
      }),
    },
  ),
  outgoing: section(
    { doc: "Requests to addresses that clients name: webhooks and targets of exports." },
    {
      allowed_ip_networks: key(list(network, "a list of networks such as [10.0.0.0/8]"), [], {
        doc: "Networks that such an address may be in besides the public Internet; `any` allows all. By default internal addresses are refused, as a node does without `--experimental-allowed-ip-networks`.",
      }),
    },
  ),
  log: section(
    { doc: "The log, one line an event, on standard output." },
    {
      level: key(choice("debug", "info", "warn", "error"), "info", {
        doc: "Least important level that is written.",
        reloadable: true,
        flag: "log-level",
      }),
      format: key(choice("json", "pretty"), "json", {
        doc: "One JSON object a line, or a form for people.",
        flag: "log-format",
      }),
      slow_query_ms: key(wholeNumber(0, 3600000), 0, {
        doc: "A search that takes longer is logged at level warn, without its text. 0 logs none.",
        reloadable: true,
      }),
    },
  ),
};
