function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  console.error(`PORT is a number from 0 to 65535, not ${JSON.stringify(text)}`);
  return process.exit(1);
}

const storeUrl = process.env.TASKTRAIL_URL || process.env.MONGODB_URI || 'sqlite:./data/audit.db';

/** What the environment decides. */
export const config = {
  port: port(process.env.PORT || '8167'),
  host: process.env.HOST || '127.0.0.1',
  storeUrl,
  /** The store without the password in it. */
  storeForPeople: storeUrl.replace(/\/\/[^/]*@/, '//***@'),
  apiKeys: new Set((process.env.API_KEYS || 'demo-key').split(',').map((key) => key.trim())),
};
