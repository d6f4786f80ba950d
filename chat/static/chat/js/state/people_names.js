// Names, ids and photos of people, as far as the server has sent them.

import { signal } from "@preact/signals";

export class PeopleNames {
  names = signal(new Map());
  // Usernames of people whose display name looks like someone else's.
  #alike = signal(new Set());
  #ids = new Map();
  // Username -> the address of a photo.
  #pictures = signal(new Map());

  // The name for a sentence. With the username, if the name looks like another account's.
  nameOf(username) {
    const name = this.plainNameOf(username);
    return this.isAlike(username) ? `${name} @${username}` : name;
  }

  plainNameOf(username) {
    return this.names.value.get(username) ?? username;
  }

  isAlike(username) {
    return this.#alike.value.has(username);
  }

  idOf(username) {
    return this.#ids.get(username);
  }

  pictureOf(username) {
    return this.#pictures.value.get(username);
  }

  // `people`: complete entries. An entry without a picture means that the person has none.
  learnPictures(people) {
    const changed = people.filter(({ username, picture }) => username && this.pictureOf(username) !== picture);
    if (changed.length)
      this.#pictures.value = new Map([
        ...this.#pictures.value,
        ...changed.map(({ username, picture }) => [username, picture]),
      ]);
  }

  learn(people) {
    const known = this.names.value;
    const names = new Map(known);
    for (const { username, display_name, title, user_id } of people) {
      if (user_id) this.#ids.set(username, user_id);
      // A direct room is titled with the other person's name.
      const name = display_name || title;
      if (username && name) names.set(username, name);
    }
    if ([...names].some(([username, name]) => known.get(username) !== name)) this.names.value = names;
    const alike = new Set(this.#alike.value);
    for (const { username, show_username } of people)
      if (username) show_username ? alike.add(username) : alike.delete(username);
    if (alike.size !== this.#alike.value.size || [...alike].some((username) => !this.isAlike(username)))
      this.#alike.value = alike;
  }
}
