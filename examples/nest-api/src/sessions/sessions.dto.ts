import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, MaxLength, Min } from 'class-validator';

const STATUSES = ['active', 'paused', 'ended'] as const;
export type SessionStatus = (typeof STATUSES)[number];

export class CreateSessionDto {
  @IsOptional()
  @IsInt()
  @Min(0)
  projectNumber?: number;

  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  agentId?: string;
}

export class UpdateSessionDto {
  @IsOptional()
  @IsIn(STATUSES)
  status?: SessionStatus;
}
