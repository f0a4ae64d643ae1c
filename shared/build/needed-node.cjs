// Which Node the programs need, and the message on an older one. Written for old Nodes, which have to run it.
const { engines } = require('../../package.json');

/** The oldest Node that runs the programs, as `22.14`: `engines` in package.json. */
const neededNode = engines.node.replace('>=', '');

/** Whether `running`, as `24.1.0`, is at least `needed`, as `22.14`. */
function isAtLeast(running, needed) {
  const is = running.split('.').map(Number);
  const least = needed.split('.').map(Number);
  return is[0] > least[0] || (is[0] === least[0] && is[1] >= least[1]);
}

/** The message on a Node that is too old: one line. */
function tooOld(program, running) {
  return `${program} needs Node ${neededNode} or later, and this is Node ${running}. Install a newer one (nodejs.org has it) and start ${program} with that.`;
}

module.exports = { isAtLeast, neededNode, tooOld };
