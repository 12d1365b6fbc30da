# syntax=docker/dockerfile:1
# One image for web, live, the workers, beat and the one-shots; docker-compose.yml says who runs what.

ARG PYTHON=python:3.13-slim-bookworm

# --- packages: pip stays in this stage; everything is a wheel, so nothing is compiled --------------
FROM ${PYTHON} AS packages
WORKDIR /build
COPY requirements.txt .
# The last block of requirements.txt are the servers that ./dev starts: of no use in here.
# tests/structure/test_compose.py holds that this comment stands above them and nothing else.
RUN sed '/^# The servers that \.\/dev starts/,$d' requirements.txt > service.txt \
    && python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --requirement service.txt

# --- the service -----------------------------------------------------------------------------------
FROM ${PYTHON} AS service
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=backend.settings \
    APP_DATA_DIR=/srv/pentimento
# A fixed number, so that volumes and policies can name it.
RUN groupadd --system --gid 10001 pentimento \
    && useradd --system --uid 10001 --gid pentimento --home-dir /nonexistent --no-create-home \
        --shell /usr/sbin/nologin pentimento \
    && install --directory --owner pentimento --group pentimento /srv/pentimento
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Static files belong to the code that names them, so each image carries its own. The settings want
# production values to start; none of these is used for anything, and none is kept.
RUN DEBUG=0 ALLOWED_HOSTS=build.invalid PUBLIC_URL=https://build.invalid EMAIL_URL=dummymail:// \
    DATABASE_URL=postgres://build:build@build.invalid/build REDIS_URL=redis://build.invalid/0 \
    SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s --retries=3 \
    CMD ["python", "deploy/healthcheck.py", "/livez"]
CMD ["gunicorn", "backend.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "4", "--timeout", "60", "--graceful-timeout", "30", \
     "--max-requests", "5000", "--max-requests-jitter", "500", "--no-control-socket"]
