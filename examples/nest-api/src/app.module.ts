import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TasktrailModule } from '@tasktrail/node/nestjs';
import { ApiKeyGuard } from './auth/api-key.guard';
import { config } from './config';
import { HealthController } from './health.controller';
import { SessionsModule } from './sessions/sessions.module';
import { TasksModule } from './tasks/tasks.module';

@Module({
  imports: [TasktrailModule.forRoot({ url: config.storeUrl, service: 'nest-api' }), TasksModule, SessionsModule],
  controllers: [HealthController],
  providers: [{ provide: APP_GUARD, useClass: ApiKeyGuard }],
})
export class AppModule {}
