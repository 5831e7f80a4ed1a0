# Two stages: build the one executable, then ship nothing but it. Runs as nobody; state lives in /var/lib/miroir.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json bun.lock bunfig.toml ./
RUN npm install --global --allow-scripts=bun "bun@$(sed -n 's/.*"bun": "\([0-9.]*\)".*/\1/p' package.json | head -n 1)" \
 && bun install --frozen-lockfile
COPY tsconfig.json ./
COPY src ./src
COPY migrations ./migrations
COPY scripts ./scripts
RUN bun run build && mkdir -p /state/miroir

FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY --from=build /build/dist/miroir /usr/bin/miroir
COPY --from=build --chown=nonroot:nonroot /state/miroir /var/lib/miroir
VOLUME /var/lib/miroir
EXPOSE 7700 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["/usr/bin/miroir", "ctl", "ready"]
ENTRYPOINT ["/usr/bin/miroir"]
CMD ["serve", "--config", "/etc/miroir/miroir.yaml"]
