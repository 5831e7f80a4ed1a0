/** The two user interfaces: the admin pages and the search pages. */
import { choice, formedText, key, list, mapOf, onOff, orNull, section, filled, text, wholeNumber } from "../key.ts";
import { RATE } from "../forms.ts";

const rate = () => formedText(RATE, "a rate such as 60/minute (n/second, n/minute or n/hour)");
const path = () => formedText(/^\/[^?#\s]*$/, "a path such as /ui/search");
const sources = (what: string) =>
  key(list(filled("a source such as https://cdn.example.org"), "a list of sources"), [], { doc: what });

const cspOverrides = () =>
  section(
    { doc: "Sources added to the content security policy." },
    {
      script_src: sources("More sources of scripts."),
      img_src: sources("More sources of images."),
      connect_src: sources("More addresses that scripts may call."),
    },
  );

const origins = (byDefault: string[], doc: string) =>
  key(list(filled("an origin such as https://example.org"), "a list of origins"), byDefault, { doc });

export const pageKeys = {
  admin_ui: section(
    { doc: "The admin pages.", later: true },
    {
      enabled: key(onOff(), true, { doc: "Serve them." }),
      path: key(path(), "/_miroir/admin", { doc: "Where they are served." }),
      auth: key(choice("key", "none"), "key", { doc: "`key` asks for the admin key; `none` is for development only." }),
      session_seal_key: key(text(), "", {
        doc: "Seals the session cookies. Empty: a random one, so that a restart ends all sessions.",
        secret: true,
        environment: "ADMIN_SESSION_SEAL_KEY",
      }),
      session_ttl_s: key(wholeNumber(60), 3600, { doc: "How long a session lasts." }),
      read_only_mode: key(onOff(), false, { doc: "Show everything and change nothing." }),
      allowed_origins: origins(["same-origin"], "Origins whose pages may log in."),
      cors_allowed_origins: origins([], "Origins that may call the admin API from a browser."),
      csp_overrides: cspOverrides(),
      theme: section(
        { doc: "How the pages look." },
        {
          accent_color: key(formedText(/^#[0-9a-fA-F]{6}$/, 'a colour such as "#2563eb"'), "#2563eb", {
            doc: "The accent colour.",
          }),
          default_mode: key(choice("auto", "light", "dark"), "auto", {
            doc: "Light or dark; `auto` follows the browser.",
          }),
        },
      ),
      features: section(
        { doc: "Parts of the pages." },
        {
          sandbox: key(onOff(), true, { doc: "The query sandbox." }),
          shadow_viewer: key(onOff(), true, { doc: "Differences seen by shadow traffic." }),
          cdc_inspector: key(onOff(), true, { doc: "The change stream." }),
        },
      ),
    },
  ),
  search_ui: section(
    { doc: "The search pages and the widget.", later: true },
    {
      enabled: key(onOff(), false, { doc: "Serve them." }),
      path: key(path(), "/ui/search", { doc: "Where they are served." }),
      widget_script_enabled: key(onOff(), true, { doc: "Serve `/ui/widget.js`." }),
      embeddable: key(onOff(), true, { doc: "Allow the pages in frames of the allowed origins." }),
      auth: section(
        { doc: "Who may search." },
        {
          mode: key(choice("public", "shared_key", "oauth_proxy"), "public", {
            doc: "`public`: everybody; `shared_key`: who knows the key; `oauth_proxy`: who a proxy in front has let through.",
          }),
          shared_key_env: key(text("the name of an environment variable"), "", {
            doc: "Environment variable that holds the shared key.",
          }),
          session_ttl_s: key(wholeNumber(10), 900, { doc: "How long a session lasts." }),
          session_rate_limit: key(rate(), "10/minute", { doc: "Sessions that one address may open." }),
          jwt_secret_env: key(text("the name of an environment variable"), "SEARCH_UI_JWT_SECRET", {
            doc: "Environment variable that holds the secret of the sessions.",
          }),
          jwt_secret: key(text(), "", {
            doc: "The secret itself, where an environment variable is not wanted.",
            secret: true,
            environment: "SEARCH_UI_JWT_SECRET",
          }),
          jwt_secret_previous: key(text(), "", {
            doc: "The secret before the last change; its sessions stay valid until they end.",
            secret: true,
            environment: "SEARCH_UI_JWT_SECRET_PREVIOUS",
          }),
          oauth_proxy: section(
            { doc: "What a proxy in front says about the user." },
            {
              user_header: key(filled("a header name"), "X-Forwarded-User", { doc: "Header with the user." }),
              groups_header: key(filled("a header name"), "X-Forwarded-Groups", { doc: "Header with the groups." }),
              filter_template: key(orNull(text("a filter")), null, {
                doc: "Filter added to every search, with the user's attributes filled in.",
              }),
              attribute_map: key(
                mapOf(text("a header name"), "a map such as {team: X-Team}"),
                {},
                {
                  doc: "Attributes for the template and the headers they come from.",
                },
              ),
            },
          ),
        },
      ),
      allowed_origins: origins(["*"], "Origins that may embed the pages."),
      scoped_key_max_age_days: key(wholeNumber(1, 3650), 60, { doc: "Life of the key that the pages search with." }),
      scoped_key_rotate_before_expiry_days: key(wholeNumber(1, 3650), 30, {
        doc: "How long before its end a new key replaces it.",
      }),
      scoped_key_rotation_drain_s: key(wholeNumber(0), 120, { doc: "How long the old key lives on." }),
      rate_limit: section(
        { doc: "Searches that one address may make." },
        {
          per_ip: key(rate(), "60/minute", { doc: "The limit." }),
          backend: key(choice("local", "redis"), "local", {
            doc: "Where requests are counted; `redis` counts for all routers together.",
          }),
          redis_key_prefix: key(text("a prefix"), "miroir:ratelimit:searchui:", {
            doc: "Prefix of the keys in Redis.",
          }),
          redis_ttl_s: key(wholeNumber(1), 60, { doc: "Life of those keys." }),
        },
      ),
      cors_allowed_origins: origins([], "Origins that may call the search API from a browser."),
      csp_overrides: cspOverrides(),
      csp: key(
        text("a content security policy"),
        "default-src 'self'; img-src 'self' https:; style-src 'self' 'unsafe-inline'",
        { doc: "The content security policy of the pages." },
      ),
      analytics: section(
        { doc: "Counting what is searched and clicked." },
        {
          enabled: key(onOff(), false, { doc: "Count." }),
          sink: key(choice("cdc"), "cdc", { doc: "Where the counts go." }),
        },
      ),
    },
  ),
};
