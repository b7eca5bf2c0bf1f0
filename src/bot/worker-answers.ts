/** What a worker tells one person: what the bot, which has no way into the cluster, could not. */
import type { DiagnosisRequest, Question } from '../model/job-catalogue.ts';
import type { NodeReport } from '../model/node-report.ts';
import type { PolicyReport } from '../model/policy-report.ts';
import type { Target } from '../model/target.ts';
import type { MessageContent, Whisper } from '../model/thread.ts';
import { describeError, type ErrorCode } from '../errors.ts';
import { sentence } from '../model/words.ts';
import { answerText } from './render/answers.ts';
import { missingMessage } from './render/missing-message.ts';
import { nodeMessage } from './render/node-message.ts';
import { policyMessage } from './render/policy-message.ts';
import { rich } from './render/rich.ts';

export interface WorkerAnswerDeps {
  readonly policies: (target: Target, signal: AbortSignal) => Promise<PolicyReport>;
  readonly node: (cluster: string, name: string) => Promise<NodeReport>;
  /** What of a target does not exist; null: all of it does, or nobody could say. */
  readonly missing: (target: Target) => Promise<Parameters<typeof missingMessage>[1] | null>;
  readonly whisper: Whisper;
  readonly warn: (what: string, error: unknown) => void;
}

export interface WorkerAnswers {
  readonly answer: (question: Question, signal: AbortSignal) => Promise<void>;
  readonly refuseMissing: (request: DiagnosisRequest) => Promise<boolean>;
}

export function createWorkerAnswers(deps: WorkerAnswerDeps): WorkerAnswers {
  return {
    async answer(question, signal) {
      const content = await contentOf(deps, question, signal).catch((error: unknown) => {
        const { code, message, next } = describeError(error);
        if (!isMistyped(code)) deps.warn(`the question ${question.id} could not be answered`, error);
        return answerText(rich`:warning: ${sentence(message)} ${next}`);
      });
      await deps.whisper
        .whisper(question, content)
        .catch((error: unknown) => deps.warn(`${question.user} could not be answered`, error));
    },
    async refuseMissing({ target, requester: user, origin: { channel, thread } }) {
      if (channel === null) return false;
      try {
        const missing = await deps.missing(target);
        if (!missing) return false;
        await deps.whisper.whisper({ user, channel, thread }, missingMessage(target, missing));
        return true;
      } catch (error) {
        // The run itself says then what is wrong.
        deps.warn(`${user} could not be told what does not exist`, error);
        return false;
      }
    },
  };
}

/** The person learns it; the log is for what an operator has to correct. */
function isMistyped(code: ErrorCode): boolean {
  return /^unknown-(?:namespace|pod|service|workload|node)$/.test(code);
}

async function contentOf(deps: WorkerAnswerDeps, { about }: Question, signal: AbortSignal): Promise<MessageContent> {
  if (about.what === 'node') return nodeMessage(about.cluster, await deps.node(about.cluster, about.node));
  return policyMessage(await deps.policies(about.target, signal));
}
