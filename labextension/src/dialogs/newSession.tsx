import { PageConfig } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { AgentAuthModel } from '../model/model';
import type { ILaunchRequest, INewWorktree } from '../rest/types';
import { askForm, type Tell } from './form';
import { PlaceFields } from './placeFields';
import { ProfileField } from './profileField';
import { answerOf, type ISessionAnswer, type ISessionDraft, sessionDraft } from './sessionDraft';
import { AgentField, ArgumentsField } from './sessionFields';
import { ShareField } from './shareField';
import { useChoices } from './useChoices';

/** Ask for what a click cannot know of a new session; null when dismissed. */
export async function askForSession(
  model: AgentAuthModel,
  trans: TranslationBundle,
  given: Partial<ILaunchRequest>
): Promise<{ request: ILaunchRequest; worktree: INewWorktree | null } | null> {
  await model.want('agents', 'worktrees', 'settings');
  return askForm<ISessionAnswer>(
    trans.__('New session'),
    { accept: trans.__('Open'), cancel: trans.__('Cancel') },
    tell => <SessionForm model={model} trans={trans} given={given} tell={tell} />
  );
}

function SessionForm(props: {
  readonly model: AgentAuthModel;
  readonly trans: TranslationBundle;
  readonly given: Partial<ILaunchRequest>;
  readonly tell: Tell<ISessionAnswer>;
}): React.ReactElement {
  const { model, trans, given, tell } = props;
  const { agents, worktrees, settings } = model.state;
  const [draft, setDraft] = React.useState(() =>
    sessionDraft(
      given,
      worktrees.value ?? [],
      (agents.value ?? []).filter(agent => agent.problem === null).map(agent => agent.name),
      settings.value,
      PageConfig.getOption('serverRoot')
    )
  );
  const choices = useChoices(model, trans, draft.place === 'new' ? draft.added.repo : '');
  React.useEffect(() => {
    tell(answerOf(draft, choices.value));
  }, [tell, draft, choices.value]);
  const field = {
    trans,
    draft,
    set: (change: Partial<ISessionDraft>) => {
      setDraft({ ...draft, ...change });
    }
  };
  return (
    <>
      <AgentField {...field} agents={agents.value ?? []} />
      <PlaceFields {...field} worktrees={worktrees.value ?? []} choices={choices} />
      <ProfileField {...field} agents={agents.value ?? []} settings={settings.value} />
      <ArgumentsField {...field} />
      <ShareField {...field} settings={settings.value} />
    </>
  );
}
