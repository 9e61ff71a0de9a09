import { IsInt, IsNotEmpty, IsOptional, IsString, MaxLength, Min } from 'class-validator';

export class CreateTaskDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  title: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  projectNumber?: number;
}

export class UpdateTaskDto {
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  title?: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  projectNumber?: number;
}

export class CompleteTaskDto {
  @IsOptional()
  @IsString()
  @MaxLength(10_000)
  result?: string;
}

export class FailTaskDto {
  @IsOptional()
  @IsString()
  @MaxLength(10_000)
  error?: string;
}
