import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { Request } from 'express';
import { config } from '../config';

/** Writes need an API key; reads are open, as far as this API is concerned. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (request.method === 'GET' || request.method === 'HEAD') return true;
    const key = request.header('x-api-key');
    if (key !== undefined && config.apiKeys.has(key)) return true;
    throw new UnauthorizedException('a valid X-Api-Key header is required');
  }
}
