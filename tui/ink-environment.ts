// What Ink and React read from the environment when they load, and only then: imported before them.
// On a continuous integration machine Ink would draw nothing until the end; whoever opens the
// console on a terminal wants to see it, wherever that is. React's development build leaks
// performance entries.
const { env } = process;
env.NODE_ENV ??= 'production';
env.CI = 'false';
env.CONTINUOUS_INTEGRATION = 'false';
