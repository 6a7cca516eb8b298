# The web product for a server. `docker compose up` uses it; docs/guides/install.md says what to set.

# What the pages load: styles and scripts, from the packages that package-lock.json names.
FROM node:22-bookworm-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-progress
COPY tools/assets.mjs tools/
COPY src/capillary/web src/capillary/web
RUN node tools/assets.mjs

FROM python:3.11-slim-bookworm
# Pango and Chinese letters are for the PDF.
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-noto-cjk libpango-1.0-0 libpangoft2-1.0-0 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY requirements/run.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY tools/hatch_build.py tools/compile_messages.py tools/
COPY src src
COPY --from=assets /build/src/capillary/web/static/vendor src/capillary/web/static/vendor
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

# The data folder is all that the product may write to.
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin capillary \
 && install -d -o capillary -g capillary -m 700 /data
USER capillary
WORKDIR /data
ENV CAPILLARY_PRODUCTION=1 CAPILLARY_DATA=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=90s CMD ["capillary", "serve", "--check"]
CMD ["capillary", "serve", "--host", "0.0.0.0"]
