// The setting registry without generated code.
import { isObject } from './checked.js';

function resolved(schema, root) {
  const name = typeof schema?.$ref === 'string' && schema.$ref.match(/^#\/definitions\/(.+)$/)?.[1];
  return { ...(name ? root.definitions?.[name] : {}), ...schema };
}

function fillDefaults(value, schema, root) {
  for (const [key, reference] of Object.entries(schema.properties ?? {})) {
    const property = resolved(reference, root);
    if (value[key] === undefined && property.default !== undefined) value[key] = structuredClone(property.default);
    if (isObject(value[key])) fillDefaults(value[key], property, root);
    if (Array.isArray(value[key])) {
      const item = resolved(property.items, root);
      for (const entry of value[key]) if (isObject(entry)) fillDefaults(entry, item, root);
    }
  }
  return value;
}

// JupyterLab checks settings with generated code, which a strict content security policy forbids.
// The settings here are checked when the site is built, and nobody can edit them: only defaults are filled in.
const defaultsOnly = {
  validateData(plugin, populate = true) {
    const user = JSON.parse(plugin.raw.replace(/^\s*\/\/.*$/gm, '') || '{}');
    const composite = fillDefaults(structuredClone(user), plugin.schema, plugin.schema);
    if (populate) plugin.data = { composite, user };
    return null;
  },
};

export async function settingsPlugin(shared) {
  const { ISettingConnector, ISettingRegistry, SettingRegistry } = await shared('@jupyterlab/settingregistry');
  return {
    id: 'hunar-bridge:settings',
    description: 'The setting registry, without generated code.',
    autoStart: true,
    provides: ISettingRegistry,
    requires: [ISettingConnector],
    activate: async (app, connector) => {
      const plugins = (await connector.list('active')).values.filter(plugin => app.hasPlugin(plugin.id));
      return new SettingRegistry({ connector, validator: defaultsOnly, plugins });
    },
  };
}
