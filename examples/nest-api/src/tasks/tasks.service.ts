import { randomUUID } from 'node:crypto';
import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import type { CreateTaskDto, UpdateTaskDto } from './tasks.dto';

export interface Task {
  id: string;
  title: string;
  projectNumber?: number;
  status: 'pending' | 'in_progress' | 'completed' | 'failed';
  result?: string;
  error?: string;
  createdAt: string;
  updatedAt: string;
}

@Injectable()
export class TasksService {
  private readonly tasks = new Map<string, Task>();

  create(dto: CreateTaskDto): Task {
    const now = new Date().toISOString();
    const task: Task = { id: randomUUID(), ...dto, status: 'pending', createdAt: now, updatedAt: now };
    this.tasks.set(task.id, task);
    return task;
  }

  get(id: string): Task {
    const task = this.tasks.get(id);
    if (!task) throw new NotFoundException(`no task has the id ${id}`);
    return task;
  }

  update(id: string, dto: UpdateTaskDto): Task {
    return this.change(this.get(id), dto);
  }

  remove(id: string): void {
    this.tasks.delete(this.get(id).id);
  }

  /** Also what a retry calls: a failed task may start again. */
  start(id: string): Task {
    const task = this.get(id);
    if (task.status === 'completed') throw new ConflictException(`task ${id} is completed`);
    return this.change(task, { status: 'in_progress', error: undefined });
  }

  complete(id: string, result?: string): Task {
    return this.change(this.running(id), { status: 'completed', result });
  }

  fail(id: string, error?: string): Task {
    return this.change(this.running(id), { status: 'failed', error });
  }

  private running(id: string): Task {
    const task = this.get(id);
    if (task.status !== 'in_progress') throw new ConflictException(`task ${id} is ${task.status}, not in progress`);
    return task;
  }

  private change(task: Task, change: Partial<Task>): Task {
    return Object.assign(task, change, { updatedAt: new Date().toISOString() });
  }
}
