# An image with `change` and nothing else. docs/installing.md says how to use it.
#
#   docker build -t change .
#   docker run --rm change --version

# Alpine's C library is musl, and Rust links it in as a whole: the program that comes out needs no
# library, so it runs in an image that has none. The official image brings the C compiler that the
# built-in SQLite needs, and builds for the architecture that it runs on.
FROM rust:1-alpine AS build
WORKDIR /src
# Named one by one, so that an edited page or script does not build everything anew. .cargo says how
# SQLite is compiled; Cargo.toml names the benches, so they must be there, though none is built.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY benches benches
COPY src src
# --locked: the versions in Cargo.lock, which are those that were tested, or none.
RUN cargo build --release --locked

# No shell and no package manager: nothing to keep up to date, and nothing to break into. What is
# there is what a static program misses in an empty image (FROM scratch): the certificates of the
# usual authorities for TLS, the time zones, /tmp, and an account that is not root.
FROM gcr.io/distroless/static-debian13:nonroot
COPY LICENSE-APACHE LICENSE-MIT /usr/share/doc/change/
COPY --from=build /src/target/release/change /usr/local/bin/change
# By number, so that Kubernetes can see that it is not root (runAsNonRoot).
USER 65532:65532
# The project is mounted here.
WORKDIR /work
ENTRYPOINT ["/usr/local/bin/change"]
CMD ["help"]
