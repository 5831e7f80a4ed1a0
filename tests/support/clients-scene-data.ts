/** Documents for situations: small, but with every shape a field can have, and spread over all shards. */

const KINDS = ["opera", "ballet", "concert", "play"] as const;
const HALLS = ["Old Mill", "Glass House", "Harbour Stage", "Court Yard"] as const;
const THEMES = ["storm", "garden", "clockwork", "winter journey", "silver fox", "paper lantern"] as const;

/** Evenings: numbers, texts, booleans, lists, nested objects, nulls, missing and empty fields, mixed types. */
export const evenings = Array.from({ length: 72 }, (_unused, id) => {
  const theme = THEMES[(id * 5) % THEMES.length] ?? "";
  return {
    id,
    title: `The ${theme} of evening ${id}`,
    blurb: `${id % 2 === 0 ? "A quiet" : "A loud"} piece about a ${theme} that no one in the ${HALLS[id % 4] ?? ""} expected`,
    kind: KINDS[(id * 7) % KINDS.length],
    hall: { name: HALLS[(id * 3) % HALLS.length], seats: 100 + ((id * 17) % 9) * 25 },
    price: id % 9 === 0 ? null : ((id * 13) % 50) + (id % 4) / 4,
    languages: [["it"], ["fr", "en"], [], ["de", "it", "en"]][id % 4],
    cast: [
      { name: `Singer ${id % 11}`, voices: [id % 3, "alto"] },
      { name: `Dancer ${id % 5}`, voices: [] },
    ],
    sold_out: id % 3 === 0,
    ...(id % 5 === 0 ? {} : { rating: id % 7 === 0 ? "unrated" : (id * 3) % 10 }),
    ...(id % 6 === 0 ? { note: "" } : {}),
    series: `season-${id % 8}`,
  };
});

export const eveningSettings = {
  searchableAttributes: ["title", "blurb", "kind", "cast.name"],
  filterableAttributes: [
    "id",
    "kind",
    "hall",
    "price",
    "languages",
    "cast.voices",
    "sold_out",
    "rating",
    "note",
    "series",
  ],
  sortableAttributes: ["price", "rating", "hall.seats", "title", "sold_out", "id"],
  synonyms: { tempest: ["storm"], nut: ["clockwork"] },
  stopWords: ["the", "of", "a"],
};

/** Places on a grid, some without a position, two of them on the same spot, some written as texts. */
export const places = Array.from({ length: 48 }, (_unused, id) => {
  const lat = 44 + Math.floor(id / 8) * 0.75;
  const lng = -2 + (id % 8) * 0.9;
  const position = id % 10 === 7 ? { lat: String(lat), lng: String(lng) } : { lat, lng };
  return {
    id: `place-${id}`,
    name: `${id % 2 === 0 ? "Upper" : "Lower"} Landing ${id}`,
    stars: id % 6,
    ...(id % 11 === 3 ? {} : { _geo: id === 20 ? { lat: 44, lng: -2 } : position }),
  };
});

/** Goods in several colours: many documents for one article, some without an article. */
export const goods = Array.from({ length: 60 }, (_unused, id) => ({
  id,
  label: `${["red", "green", "blue"][id % 3] ?? ""} ${["kettle", "bowl", "jug", "pan"][Math.floor(id / 3) % 4] ?? ""}`,
  ...(id % 10 === 9 ? {} : { article: `A${Math.floor(id / 6)}` }),
  colour: ["red", "green", "blue"][id % 3],
  maker: { town: ["Leeds", "Turin", "Graz", "Lyon"][id % 4], code: id % 5 },
  weight: (id * 29) % 31,
}));

/** The same thing said in several languages. */
export const sayings = [
  { id: 1, en: "The early bird catches the worm", de: "Morgenstund hat Gold im Mund", ja: "早起きは三文の徳" },
  { id: 2, en: "Practice makes a master", de: "Übung macht den Meister", ja: "習うより慣れよ" },
  { id: 3, en: "Every beginning is hard", de: "Aller Anfang ist schwer", ja: "石の上にも三年" },
  { id: 4, en: "Steamship company captain", de: "Donaudampfschifffahrtskapitän", ja: "船長は海が好きです" },
  { id: 5, en: "A cat may look at a king", sv: "En katt får se på en kung", ja: "猫に小判" },
  { id: 6, en: "Small streams make large rivers", sv: "Många bäckar små gör en stor å", ja: "塵も積もれば山となる" },
  { id: 7, en: "Naïve café façade", fr: "L'habit ne fait pas le moine", ja: "東京の大学で働く" },
  { id: 8, en: "camelCase and snake_case words", fr: "Petit à petit l'oiseau fait son nid", ja: "京都の猫" },
];
