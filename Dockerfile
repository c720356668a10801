# The static binary and nothing else: no base image, no shell, no root. The build context has `manicheck-amd64` and
# `manicheck-arm64`; release.yml makes it.
#
#   docker run --rm -v "$PWD:/work:ro" ghcr.io/manicheck/manicheck k8s/
FROM scratch
ARG TARGETARCH
COPY manicheck-${TARGETARCH} /manicheck
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/manicheck"]
