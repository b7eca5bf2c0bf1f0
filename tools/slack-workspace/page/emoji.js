const known = {
  '+1': '👍', thumbsup: '👍', '-1': '👎', thumbsdown: '👎', adhesive_bandage: '🩹', ambulance: '🚑', arrow_down: '⬇️', arrow_left: '⬅️', arrow_right: '➡️',
  arrow_up: '⬆️', arrows_counterclockwise: '🔄', ballot_box_with_check: '☑️', bar_chart: '📊', bell: '🔔', black_circle: '⚫', black_square_button: '🔲',
  boom: '💥', bug: '🐛', bulb: '💡', busts_in_silhouette: '👥', black_square_for_stop: '⏹️', leftwards_arrow_with_hook: '↩️', mega: '📣', cat: '🐱', chart_with_upwards_trend: '📈', checkered_flag: '🏁', clipboard: '📋', clock1: '🕐', construction: '🚧',
  cyclone: '🌀', dart: '🎯', door: '🚪', electric_plug: '🔌', exclamation: '❗', eyes: '👀', fire: '🔥', gear: '⚙️', ghost: '👻', globe_with_meridians: '🌐',
  green_circle: '🟢', large_green_circle: '🟢', grey_question: '❔', hammer_and_wrench: '🛠️', heavy_check_mark: '✔️', heavy_minus_sign: '➖',
  heavy_multiplication_x: '✖️', hospital: '🏥', hourglass: '⌛', hourglass_flowing_sand: '⏳', information_source: 'ℹ️', key: '🔑', large_blue_circle: '🔵',
  large_orange_circle: '🟠', large_red_square: '🟥', large_yellow_circle: '🟡', large_green_square: '🟩', link: '🔗', lock: '🔒', mag: '🔍', mag_right: '🔎',
  mailbox: '📫', memo: '📝', microscope: '🔬', no_bell: '🔕', no_entry: '⛔', no_entry_sign: '🚫', octagonal_sign: '🛑', ok: '🆗', ok_hand: '👌', package: '📦',
  page_facing_up: '📄', pill: '💊', point_right: '👉', pray: '🙏', pushpin: '📌', question: '❓', raised_hand: '✋', recycle: '♻️', red_circle: '🔴', repeat: '🔁',
  robot_face: '🤖', rocket: '🚀', rotating_light: '🚨', satellite: '🛰️', scroll: '📜', shield: '🛡️', small_blue_diamond: '🔹', small_orange_diamond: '🔸',
  sos: '🆘', speech_balloon: '💬', stethoscope: '🩺', stopwatch: '⏱️', tada: '🎉', telescope: '🔭', thinking_face: '🤔', thread: '🧵', traffic_light: '🚦',
  unlock: '🔓', warning: '⚠️', wave: '👋', white_check_mark: '✅', white_circle: '⚪', wrench: '🔧', x: '❌', zap: '⚡', zzz: '💤',
};

/** The character of an emoji's name; its name between colons when it is not known here. */
export const emoji = (name) => known[name.replace(/::skin-tone-\d$/, '')] ?? `:${name}:`;
