# syntax=docker/dockerfile:1
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package rushlight-server

FROM debian:bookworm-slim
RUN useradd --system --create-home --home-dir /data --uid 10001 rushlight
COPY --from=build /src/target/release/rushlight /usr/local/bin/rushlight
USER rushlight
WORKDIR /data
VOLUME /data
EXPOSE 8080
# The image has no curl: bash opens the connection itself.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q '^ok' <&3"]
ENTRYPOINT ["rushlight"]
CMD ["serve", "--data-dir", "/data/rushlight"]
