# The image of a Stravasync node: the program, the libraries it loads, the
# authorities it trusts, and nothing else: no shell, no package manager.
#
#   docker build -t stravasync .
#   docker run --rm stravasync --help

FROM debian:bookworm-slim AS build

# Packages first: they change least. `dev` is the one list of them.
COPY dev /src/
RUN /src/dev packages build && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY messages messages
COPY config config
COPY actors actors
COPY adapters adapters

# For a small image: what is there as an archive and hardly used is linked from
# it, and what nothing calls is dropped. JOBS: compilers at once, each of which
# may need 1.5 GiB; empty: as many as there are cores.
ARG JOBS=
RUN cmake --preset release -DSTRAVASYNC_BUILD_BENCH=OFF \
      -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" \
      -DCMAKE_CXX_FLAGS="-ffunction-sections -fdata-sections" \
      -DCMAKE_EXE_LINKER_FLAGS="-Wl,--gc-sections -Wl,--as-needed -s" \
      -DProtobuf_USE_STATIC_LIBS=ON -DBoost_USE_STATIC_LIBS=ON \
    && ninja -C build/release -j "${JOBS:-$(nproc)}" stravasync

# /image becomes the root of the final image. Names are looked up in /etc/hosts
# before DNS, which without nsswitch.conf is the other way round.
RUN set -eu; \
    install -D -t /image/usr/bin build/release/stravasync; \
    for file in $(ldd build/release/stravasync \
                    | sed -nE 's@^([^/]*=> )?[[:space:]]*(/[^ ]*) .*@\2@p'); \
    do cp --dereference --parents "$file" /image; done; \
    apt-get update -qq; \
    apt-get install -y -qq --no-install-recommends ca-certificates; \
    cp --dereference --parents /etc/ssl/certs/ca-certificates.crt /image; \
    mkdir -p /image/usr/lib/ssl /image/tmp; \
    ln -s /etc/ssl/certs/ca-certificates.crt /image/usr/lib/ssl/cert.pem; \
    chmod 1777 /image/tmp; \
    echo 'stravasync:x:10001:10001::/var/lib/stravasync:/' \
      >/image/etc/passwd; \
    echo 'stravasync:x:10001:' >/image/etc/group; \
    echo 'hosts: files dns' >/image/etc/nsswitch.conf; \
    mkdir /empty; \
    /usr/sbin/chroot /image /usr/bin/stravasync --version

FROM scratch
COPY --from=build /image /
COPY --from=build --chown=10001:10001 /empty /var/lib/stravasync
USER 10001:10001
# All that an embedded node keeps. A node with a broker, a database and a given
# key keeps nothing, and runs where nothing can be written.
WORKDIR /var/lib/stravasync
ENV STRAVASYNC_NODE_DATA_DIR=/var/lib/stravasync \
    STRAVASYNC_HTTP_LISTEN=0.0.0.0:8080
EXPOSE 8080 8090
# It finds the node by its settings: give those in the environment, as
# STRAVASYNC_NODE_ROLES=worker, and not as flags.
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 \
  CMD ["/usr/bin/stravasync", "health"]
ENTRYPOINT ["/usr/bin/stravasync"]
