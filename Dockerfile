# The server in a container.
#
#     docker build -t stslocal .                          on a processor
#     docker build -t stslocal --build-arg DEVICE=cuda .  on an NVIDIA GPU
#
# docs/server.md says how to run it. Models are not part of the image: they lie in the volume /models.

ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY models/manifest.toml models/
COPY stslocal stslocal
RUN python -m venv /opt/stslocal
RUN /opt/stslocal/bin/pip install --no-cache-dir --constraint constraints.txt ".[server]"
ARG DEVICE=cpu
# What CTranslate2 loads on a GPU; the driver comes from the host.
RUN if [ "$DEVICE" = cuda ]; then /opt/stslocal/bin/pip install --no-cache-dir nvidia-cublas-cu12 nvidia-cudnn-cu12; fi
# A path without Python's version, for the second stage.
RUN ln -s "$(/opt/stslocal/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" /opt/stslocal/packages

FROM python:${PYTHON}-slim
COPY --from=build /opt/stslocal /opt/stslocal
# All that is written lies in the volumes, so the root may be read-only.
RUN useradd --uid 10001 --home-dir /data stslocal && mkdir -p /data /models && chown stslocal /data /models
ENV PATH=/opt/stslocal/bin:$PATH \
    LD_LIBRARY_PATH=/opt/stslocal/packages/nvidia/cublas/lib:/opt/stslocal/packages/nvidia/cudnn/lib \
    HOME=/data \
    STSLOCAL_CACHE=/data/cache \
    STSLOCAL_CONFIG=/data/settings.toml \
    STSLOCAL_MODELS=/models \
    STSLOCAL_SERVER=/data/server \
    STSLOCAL_VOICES=/data/voices \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
VOLUME ["/data", "/models"]
EXPOSE 8790
# The first start measures how many sessions the machine keeps up with.
HEALTHCHECK --interval=30s --timeout=5s --start-period=180s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8790/health', timeout=4)"]
ENTRYPOINT ["stslocal"]
CMD ["serve", "--host", "0.0.0.0", "--token-file", "/run/secrets/stslocal-token"]
