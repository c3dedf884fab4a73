"""An experiment file, the stages it goes through, and the run it leaves. The only module that knows them all."""

from toolkit.experiment.reporting import report_again
from toolkit.experiment.running import Run, run_experiment
from toolkit.experiment.spec import Experiment, load_experiment
from toolkit.experiment.variants import Variants, run_variants

__all__ = [
    "Experiment",
    "Run",
    "Variants",
    "load_experiment",
    "report_again",
    "run_experiment",
    "run_variants",
]
