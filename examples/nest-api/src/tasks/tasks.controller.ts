import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { CompleteTaskDto, CreateTaskDto, FailTaskDto, UpdateTaskDto } from './tasks.dto';
import { TasksService, type Task } from './tasks.service';

@Controller('tasks')
export class TasksController {
  constructor(private readonly tasks: TasksService) {}

  @Post()
  create(@Body() dto: CreateTaskDto): Task {
    return this.tasks.create(dto);
  }

  @Get(':id')
  get(@Param('id') id: string): Task {
    return this.tasks.get(id);
  }

  @Patch(':id')
  update(@Param('id') id: string, @Body() dto: UpdateTaskDto): Task {
    return this.tasks.update(id, dto);
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Param('id') id: string): void {
    this.tasks.remove(id);
  }

  @Post(':id/start')
  @HttpCode(200)
  start(@Param('id') id: string): Task {
    return this.tasks.start(id);
  }

  @Post(':id/complete')
  @HttpCode(200)
  complete(@Param('id') id: string, @Body() dto: CompleteTaskDto): Task {
    return this.tasks.complete(id, dto?.result);
  }

  @Post(':id/fail')
  @HttpCode(200)
  fail(@Param('id') id: string, @Body() dto: FailTaskDto): Task {
    return this.tasks.fail(id, dto?.error);
  }
}
