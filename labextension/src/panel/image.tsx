import * as React from 'react';

import { size } from '../model/size';
import type { IImage } from '../rest/types';
import { CommandIDs } from '../tokens';
import { age, dateAndTime } from './ages';
import { Build } from './build';
import { Button } from './button';
import { Section } from './section';
import { execute, type IShared } from './shared';
import { useNow } from './useNow';

const AGES = 60_000;

/** The image that agents run in, and its build. */
export function Image({ shared }: { readonly shared: IShared }): React.ReactElement {
  const { model, trans } = shared;
  const { value, error } = model.state.image;
  const running = model.build?.state === 'running';
  const present = value?.present ?? false;
  return (
    <Section
      title={trans.__('Image')}
      actions={
        !running && (
          <Button
            label={present ? trans.__('Rebuild') : trans.__('Build image')}
            name={present ? trans.__('Rebuild image') : trans.__('Build image')}
            onClick={() => {
              execute(shared, CommandIDs.buildImage);
            }}
          />
        )
      }
    >
      {model.build && <Build shared={shared} build={model.build} />}
      {value === null ? (
        <p className="jp-AgentAuth-hint">
          {error ? trans.__('It cannot be looked at now.') : trans.__('Not read yet.')}
        </p>
      ) : present ? (
        <ImageFacts shared={shared} image={value} />
      ) : (
        !running && (
          <p className="jp-AgentAuth-empty">
            {trans.__(
              'Agents run in an image, %1, which is not there yet. It is built once, with all of them, in some minutes.',
              value.name
            )}
          </p>
        )
      )}
    </Section>
  );
}

function ImageFacts(props: {
  readonly shared: IShared;
  readonly image: IImage;
}): React.ReactElement {
  const { shared, image } = props;
  const { model, trans } = shared;
  const now = useNow(AGES);
  const facts: [string, string | null, string?][] = [
    [trans.__('Name'), image.name],
    [trans.__('Created'), age(image.created, now, trans), dateAndTime(image.created)],
    [trans.__('Size'), image.size === null ? null : size(image.size)],
    [trans.__('Base'), image.base_image]
  ];
  const versions = Object.entries(image.agents).map(([name, version]): [string, string] => [
    model.agent(name)?.title ?? name,
    version ?? trans.__('not in it')
  ]);
  return (
    <dl className="jp-AgentAuth-table">
      {[...facts, ...versions].map(([name, value, title]) =>
        value === null || value === '' ? null : (
          <div key={name} className="jp-AgentAuth-tableRow" title={title}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        )
      )}
    </dl>
  );
}
