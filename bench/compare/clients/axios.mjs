// The ES module build of axios.
import axios from 'axios';

export const connect = ({ url, token }) => {
  const client = axios.create({ baseURL: url, headers: { authorization: `Bearer ${token}` } });
  return { get: async (id) => (await client.get(`/v2/images/${id}`)).data.image.id };
};
