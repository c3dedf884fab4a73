"""An experiment file, the stages it goes through, and the run it leaves. The only module that knows them all."""

from toolkit.experiment.reporting import report_again
from toolkit.experiment.running import Run, run_experiment
from toolkit.experiment.spec import Experiment, load_experiment

__all__ = ["Experiment", "Run", "load_experiment", "report_again", "run_experiment"]
