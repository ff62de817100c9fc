// Filled by the room's first source; removed then.
