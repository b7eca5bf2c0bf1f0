// Chooses the beginning of the names of labs that suites share, for all processes of this run of Jest.
export default function begin() {
  process.env.SHARED_LABS = `shared-${process.pid}`;
}
