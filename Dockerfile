# The course for JupyterHub: each student's server is a container of this image.
#
#     docker build -t w2s_kit .
#     docker run -p 8888:8888 w2s_kit jupyter lab --ip 0.0.0.0          # alone, without a hub
#
# The hub starts `jupyterhub-singleuser`. Its version must fit the hub's: --build-arg JUPYTERHUB=5.5.4
FROM python:3.12-slim
ARG JUPYTERHUB=6.1.1
ARG NB_USER=jovyan
ARG NB_UID=1000
RUN useradd --create-home --shell /bin/bash --uid "$NB_UID" "$NB_USER"
COPY . /opt/w2s_kit
WORKDIR /opt/w2s_kit
# The tested versions, and PyTorch's build for the CPU: the other builds bring gigabytes for a GPU.
RUN pip install --no-cache-dir "uv==0.13.*" \
    && uv pip install --system --no-cache --torch-backend cpu -c constraints.txt '.[notebooks]' "jupyterhub==$JUPYTERHUB" \
    && pip uninstall --yes uv
USER $NB_UID
ENV HOME=/home/$NB_USER
WORKDIR $HOME
EXPOSE 8888
# A hub often puts a student's own disk over the home folder, so the notebooks are copied when the server starts.
# What a student has changed is never written over.
ENTRYPOINT ["sh", "-c", "w2s-kit notebooks --copy w2s; exec \"$@\"", "--"]
CMD ["jupyterhub-singleuser"]
