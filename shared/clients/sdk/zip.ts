export { fromBufferPromise } from "yauzl";
