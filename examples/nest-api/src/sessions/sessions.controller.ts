import { Body, Controller, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { CreateSessionDto, UpdateSessionDto } from './sessions.dto';
import { SessionsService, type Session } from './sessions.service';

@Controller('sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Post()
  create(@Body() dto: CreateSessionDto): Session {
    return this.sessions.create(dto);
  }

  @Patch(':id')
  update(@Param('id') id: string, @Body() dto: UpdateSessionDto): Session {
    return this.sessions.update(id, dto);
  }

  @Post(':id/heartbeat')
  @HttpCode(200)
  heartbeat(@Param('id') id: string): Session {
    return this.sessions.heartbeat(id);
  }
}
