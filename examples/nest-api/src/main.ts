import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConsoleLogger, ValidationPipe, type LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module';
import { config } from './config';

/** Logs go to stderr, so that stdout belongs to whoever started this. */
class StderrLogger extends ConsoleLogger {
  protected override printMessages(messages: unknown[], context?: string, logLevel?: LogLevel): void {
    super.printMessages(messages, context, logLevel, 'stderr');
  }
}

/** The Task History page: the bundle that the VS Code extension shows too. */
function page(): string {
  return join(dirname(require.resolve('@tasktrail/wasm/package.json')), 'dist', 'ui');
}

async function main(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, {
    logger: new StderrLogger({ logLevels: ['log', 'warn', 'error', 'fatal'] }),
    bufferLogs: true,
    abortOnError: false,
    forceCloseConnections: true,
  });
  app.setGlobalPrefix('api', { exclude: ['health'] });
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
  app.enableShutdownHooks();
  if (existsSync(page())) app.useStaticAssets(page());
  await app.listen(config.port, config.host);
  const { port } = app.getHttpServer().address() as { port: number };
  console.log(
    JSON.stringify({ event: 'listening', url: `http://${config.host}:${port}`, store: config.storeForPeople }),
  );
}

main().catch((fault: NodeJS.ErrnoException) => {
  if (fault.code === 'EADDRINUSE') {
    console.error(`${config.host}:${config.port} is in use by another program; set PORT to a free one (0 picks one)`);
  } else {
    console.error(`the API could not start: ${fault.message}`);
  }
  process.exit(1);
});
