FROM python:3.13-slim

WORKDIR /northlight
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY LICENSES LICENSES
COPY bot bot
COPY engine engine
COPY prompts prompts
RUN pip install --no-cache-dir -c constraints.txt '.[studio,web,telegram,discord,metrics]'

# Named volumes take the owner of the folder they cover.
RUN useradd --create-home studio && install -d -o studio -g studio -m 0700 /data /models
USER studio
ENV NORTHLIGHT_DATA_DIR=/data NORTHLIGHT_MODELS_DIR=/models NORTHLIGHT_HOST=0.0.0.0
EXPOSE 8080
VOLUME ["/data", "/models"]

CMD ["sh", "-c", "northlight models fetch && exec northlight serve"]
