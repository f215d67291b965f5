import { buildIcon } from '@jupyterlab/ui-components';

import { confirmLoss } from '../dialogs/confirm';
import type { IBuildRequest } from '../rest/types';
import { visible } from '../text/visible';
import { CommandIDs } from '../tokens';
import {
  addCommand,
  type Arguments,
  describe,
  fail,
  type ICommandContext,
  textOf,
  textsOf
} from './context';

/** The commands for the image in which agents run. */
export function addImageCommands(context: ICommandContext): void {
  const { app, model, trans } = context;
  const isBuilding = () => model.build?.state === 'running';
  addCommand(context, CommandIDs.buildImage, {
    label: trans.__('Build Agent Image'),
    caption: trans.__('Build the image in which agents run, with their newest versions'),
    icon: buildIcon,
    isEnabled: () => !isBuilding(),
    describedBy: describe({
      agents: { type: 'array', description: 'The agents to put into it; all without it' },
      base_image: { type: 'string', description: 'The image that it begins with' }
    }),
    execute: async args => {
      const agents = textsOf(args, 'agents');
      // A build in an image's place begins with what that began with.
      const base = textOf(args, 'base_image') ?? model.state.image.value?.base_image ?? null;
      const wanted: IBuildRequest = {
        ...(agents === null ? {} : { agents }),
        ...(base === null ? {} : { base_image: base })
      };
      if (!(await isWanted(context, args, agents))) {
        return;
      }
      void build(context, wanted);
      await app.commands.execute(CommandIDs.showPanel);
    }
  });
  addCommand(context, CommandIDs.cancelBuild, {
    label: trans.__('Cancel the Build of the Agent Image'),
    isEnabled: isBuilding,
    execute: async () => {
      try {
        await model.cancelBuild();
      } catch (error) {
        await fail(context, trans.__('The build cannot be cancelled'), error);
      }
    }
  });
}

/** Agents run in what is built: what a document may want of it, the user is asked about. */
async function isWanted(
  { trans }: ICommandContext,
  args: Arguments,
  agents: readonly string[] | null
): Promise<boolean> {
  const base = textOf(args, 'base_image');
  if (base === null && agents === null) {
    return true;
  }
  const parts = [
    ...(base === null ? [] : [trans.__('Base image: %1.', visible(base))]),
    ...(agents === null ? [] : [trans.__('Agents: %1.', visible(agents.join(', ')))])
  ];
  return confirmLoss(
    trans,
    trans.__('Build the agent image like this?'),
    `${parts.join(' ')} ${trans.__('All agents run in what is built.')}`,
    trans.__('Build')
  );
}

/** A build takes minutes: the panel shows its progress, and the command does not wait. */
async function build(context: ICommandContext, wanted: IBuildRequest): Promise<void> {
  try {
    await context.model.buildImage(wanted);
  } catch (error) {
    await fail(context, context.trans.__('The image cannot be built'), error);
  }
}
