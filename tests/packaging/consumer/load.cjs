// Says what becomes of `require('@tasktrail/node')`, here or on the machine that PRETEND describes.
const { platform, arch, libc } = JSON.parse(process.env.PRETEND ?? '{}');
if (platform) Object.defineProperty(process, 'platform', { value: platform });
if (arch) Object.defineProperty(process, 'arch', { value: arch });
if (libc) process.report.getReport = () => ({ header: libc === 'gnu' ? { glibcVersionRuntime: '2.36' } : {} });
try {
  require('@tasktrail/node');
  console.log(JSON.stringify({ loaded: true }));
} catch ({ name, code, message, retryable }) {
  console.log(JSON.stringify({ loaded: false, name, code, message, retryable }));
}
