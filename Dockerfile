# The API on the Functions host: docker build --build-arg COMMIT="$(git rev-parse HEAD)" .
# infra/pin-base.sh writes the digest behind the tag; from then on Dependabot proposes each newer one.
FROM mcr.microsoft.com/azure-functions/python:4-python3.13 AS base

FROM base AS build
ENV UV_CACHE_DIR=/var/cache/uv UV_LINK_MODE=copy UV_SYSTEM_PYTHON=1
RUN python -m pip install --no-cache-dir --root-user-action ignore uv==0.13.9
WORKDIR /home/site/wwwroot
COPY requirements.txt ./
# In Azure the worker's own packages would hide those of a plain `pip install`.
RUN python -m uv pip install --compile-bytecode --target .python_packages/lib/site-packages \
    --requirement requirements.txt
COPY shared/ shared/
# The app's user may not write here: without this, each start would compile everything again.
RUN python -m compileall -q --invalidation-mode unchecked-hash shared

FROM base
ARG COMMIT=""
LABEL org.opencontainers.image.title="smart-cache" \
      org.opencontainers.image.description="Spotify tracks over HTTP, from a cache that is never wrong" \
      org.opencontainers.image.revision="${COMMIT}"
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    AzureFunctionsJobHost__Logging__FileLoggingMode=never \
    AzureFunctionsJobHost__FileWatchingEnabled=false \
    ASPNETCORE_URLS=http://+:8080 \
    COMMIT="${COMMIT}"
# 1654 is the user `app` of the base image. Only root may listen on port 80, and the host writes files
# into these folders (as in azure-functions-host#10164). 0, which is root, is the way out if a container
# does not start because the host may not write somewhere else.
ARG RUN_AS=1654
RUN mkdir -p /home/site /azure-functions-host && chown 1654 /home /home/site /azure-functions-host
WORKDIR /home/site/wwwroot
COPY --from=build /home/site/wwwroot/.python_packages/ .python_packages/
COPY --from=build /home/site/wwwroot/shared/ shared/
COPY function_app.py host.json ./
USER ${RUN_AS}
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--show-error", "http://127.0.0.1:8080/api/version"]
