# Added to the image of a class, after all that Binder's image has (`make image`): learners' copies
# of the notebooks follow the repository.
RUN ${NB_PYTHON_PREFIX}/bin/python -m pip install --no-cache-dir nbgitpuller==1.3.0
