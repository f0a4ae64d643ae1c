// Which Node the programs need, and what is said on an older one. Written for old Nodes: it is what
// runs there.
const { engines } = require('../../package.json');

/** The oldest Node that runs the programs, as `22.14`: `engines` in package.json. */
const neededNode = engines.node.replace('>=', '');

/** Whether `running`, as `24.1.0`, is at least `needed`, as `22.14`. */
function isAtLeast(running, needed) {
  const is = running.split('.').map(Number);
  const least = needed.split('.').map(Number);
  return is[0] > least[0] || (is[0] === least[0] && is[1] >= least[1]);
}

/** One line for people. */
function tooOld(program, running) {
  return `${program} needs Node ${neededNode} or later, and this is Node ${running}. Install a newer one (nodejs.org has it) and start ${program} with that.`;
}

module.exports = { isAtLeast, neededNode, tooOld };
