// What runs a cell of the notebook.

// JupyterLab drops without a word what is run before the notebook's session has begun, or starts a second Python for it
// (jupyterlab/jupyterlab#8490). Here it waits, marked as what waits its turn is.
async function runInSession(runCell, options) {
  const { cell, sessionContext } = options;
  if (cell.model.type === 'code' && sessionContext && !sessionContext.isReady) {
    cell.model.executionState = 'running';
    // Settled also where it could not begin: then JupyterLab says so.
    await sessionContext.initialize();
    if (cell.isDisposed) return false;
  }
  return runCell(options);
}

export async function executorPlugin(shared) {
  const { INotebookCellExecutor, runCell } = await shared('@jupyterlab/notebook');
  return {
    id: 'hunar-bridge:executor',
    description: 'Runs a cell of the notebook, once its session has begun.',
    autoStart: true,
    provides: INotebookCellExecutor,
    activate: () => ({ runCell: options => runInSession(runCell, options) }),
  };
}
