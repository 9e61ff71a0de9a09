import { randomUUID } from 'node:crypto';
import { Injectable, NotFoundException } from '@nestjs/common';
import type { CreateSessionDto, SessionStatus, UpdateSessionDto } from './sessions.dto';

export interface Session {
  id: string;
  projectNumber?: number;
  agentId?: string;
  status: SessionStatus;
  lastHeartbeat: string;
}

@Injectable()
export class SessionsService {
  private readonly sessions = new Map<string, Session>();

  create(dto: CreateSessionDto): Session {
    const session: Session = { id: randomUUID(), ...dto, status: 'active', lastHeartbeat: new Date().toISOString() };
    this.sessions.set(session.id, session);
    return session;
  }

  update(id: string, dto: UpdateSessionDto): Session {
    return Object.assign(this.get(id), dto);
  }

  heartbeat(id: string): Session {
    return Object.assign(this.get(id), { lastHeartbeat: new Date().toISOString() });
  }

  private get(id: string): Session {
    const session = this.sessions.get(id);
    if (!session) throw new NotFoundException(`no session has the id ${id}`);
    return session;
  }
}
